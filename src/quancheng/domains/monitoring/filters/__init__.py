"""Filters of lists that are monitoring's own (监测台账筛选条件)."""
