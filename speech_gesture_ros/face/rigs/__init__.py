"""Other rigs of a face than ARKit's: functions from the 52 blendshapes to their channels. No files, no ROS."""
