"""What every system is built from. It knows no system."""
