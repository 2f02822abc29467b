"""``python -m quancheng.runtime``: the ``quancheng`` command."""

import sys

from quancheng.runtime.cli import main

sys.exit(main())
