"""What is compiled for this machine's processor when it is first needed."""
