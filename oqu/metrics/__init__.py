"""What Prometheus reads: what the processes of this machine have counted, and how the portal stands now."""
