"""Places, persons in custody, services and holidays: what every room may read and none owns."""
