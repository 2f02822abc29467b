"""Search (搜索): one box over everything that the actor may see."""

from django.apps import AppConfig


class SearchConfig(AppConfig):
    name = "quancheng.kernel.search"
    label = "search"
    verbose_name = "搜索"

    def ready(self) -> None:
        from quancheng.kernel.search import providers
        from quancheng.kernel.search.registry import register_search

        register_search(providers.WorkItems())
        register_search(providers.Organisations())
        register_search(providers.People())
