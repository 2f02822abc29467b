"""This domain's entries in the menu."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from quancheng.kernel.pages.nav import NavItem, register


def register_all() -> None:
    """Add the entries; called once, when the app is ready."""
    register(NavItem("registry", _("本单位档案"), "registry:own", "building-factory",
                     duty=("registry.files.keep", "registry.files.view"), order=5))  # fmt: skip
    register(NavItem("registry", _("企业档案"), "registry:enterprises", "building-factory", order=10,
                     duty=("registry.files.enter", "registry.files.verify", "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("设施和存量"), "registry:stock", "database", order=15))
    register(NavItem("registry", _("储存场所"), "registry:storage_places", "archive", order=15))
    register(NavItem("registry", _("储存问题"), "registry:storage", "alert", order=15))
    register(NavItem("registry", _("车间暂存"), "registry:workshops", "gauge", order=15))
    register(NavItem("registry", _("储存场所资料核查"), "registry:place_papers", "checklist", order=15))
    register(NavItem("registry", _("仓库台账"), "registry:warehouses", "archive", order=15))
    register(NavItem("registry", _("产品和安全信息码"), "registry:products", "scan", order=16))
    register(NavItem("registry", _("产品质量检验"), "registry:inspections", "circle-check", order=17))
    register(NavItem("registry", _("环境风险评估"), "registry:environments", "shield", order=18))
    register(NavItem("registry", _("临时查看码"), "registry:passes", "key", duty="registry.codes.open", order=50))
    register(NavItem("registry", _("企业分布图"), "registry:map", "map", order=12,
                     duty=("registry.files.enter", "registry.files.verify", "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("敏感目标"), "registry:places", "building", order=16,
                     duty=("registry.files.keep", "registry.files.enter", "registry.files.verify",
                           "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("重大危险源"), "registry:hazards", "flame", order=20))
    register(NavItem("registry", _("证照"), "registry:licences", "stamp", order=22))
    register(NavItem("registry", _("法定岗位缺口"), "registry:post_gaps", "user-check", order=24,
                     duty=("registry.files.enter", "registry.files.verify", "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("档案完整度"), "registry:coverage", "chart", order=11,
                     duty=("registry.files.enter", "registry.files.verify", "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("档案备案"), "registry:filings", "send", order=13))
    register(NavItem("registry", _("企业分类统计"), "registry:class_report", "table", order=14,
                     duty=("registry.files.enter", "registry.files.verify", "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("物质总量"), "registry:totals", "database", order=31,
                     duty=("registry.files.enter", "registry.files.verify", "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("退出企业名单"), "registry:exited", "logout", order=36,
                     duty=("registry.files.enter", "registry.files.verify", "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("安全生产费用"), "registry:expenses", "scale", order=26))
    register(NavItem("registry", _("建设项目"), "registry:projects", "clipboard", order=25))
    register(NavItem("registry", _("企业注册申请"), "registry:applications", "inbox", order=12,
                     duty="registry.files.enter"))  # fmt: skip
    register(NavItem("registry", _("摸底"), "registry:censuses", "checklist", order=13,
                     duty=("registry.census.manage", "registry.census.visit")))  # fmt: skip
    register(NavItem("registry", _("无证场所线索"), "registry:clues", "eye", order=14,
                     duty=("registry.clues.report", "registry.clues.judge", "registry.clues.receive")))  # fmt: skip
    register(NavItem("registry", _("检查记录"), "registry:checks", "clipboard", order=27))
    register(NavItem("registry", _("停产停用"), "registry:stoppages", "hourglass", order=28))
    register(NavItem("registry", _("设计复核"), "registry:reverifications", "shield", order=29))
    register(NavItem("registry", _("实验室"), "registry:laboratories", "flask", order=31))
    register(NavItem("registry", _("民用燃料单位"), "registry:fuel_units", "flame", order=32,
                     duty=("registry.files.enter", "registry.files.verify", "duty.supervise")))  # fmt: skip
    register(NavItem("registry", _("禁限控目录"), "registry:restrictions", "ban", order=35))
    register(NavItem("registry", _("化学品"), "registry:chemicals", "flask", order=30))
