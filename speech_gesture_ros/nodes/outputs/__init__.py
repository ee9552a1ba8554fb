"""Windows to the commands of one kind of robot each; docs/controllers.md says which."""
