"""Landmarks of people in pictures by MediaPipe's models."""
