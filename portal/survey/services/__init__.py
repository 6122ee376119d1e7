"""What can be done in the survey, a file a subject."""
