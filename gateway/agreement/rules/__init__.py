"""What law or sense asks of an agreement, one small function for each rule, by family."""
