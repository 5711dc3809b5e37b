"""Runs of Distributed Map states in the emulator, for the patch `safelight_local.emulator.patches.distributed_map`.

Names, shapes and counts are those of Step Functions. See "Distributed mode", "ItemReader", "ItemBatcher" and
"ResultWriter" in its developer guide, and ``DescribeMapRun`` in its API reference.
"""
