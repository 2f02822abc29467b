"""Safety of special work (特殊作业) by GB 30871-2022."""
