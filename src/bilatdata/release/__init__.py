"""What maintainers and contributors run on the package itself: build and check."""
