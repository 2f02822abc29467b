"""Long work (后台任务): what takes too long to wait for, done by a worker as the person who asked."""
