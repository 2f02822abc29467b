"""Retention (保存期限): how long rows are kept and what happens then, declared by each app and done by one clock."""
