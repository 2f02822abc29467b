"""Addresses of this domain's pages."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.permits.audit_urls import audit_patterns
from quancheng.domains.permits.daily_urls import daily_patterns
from quancheng.domains.permits.exchange_urls import exchange_patterns
from quancheng.domains.permits.learning_urls import learning_patterns
from quancheng.domains.permits.models import Kind
from quancheng.domains.permits.views import (
    boards,
    entering,
    fire_watch,
    guarding,
    instruments,
    isolations,
    maps,
    musters,
    orders,
    pairings,
    papers,
    permits,
    rescue,
    sanctions,
    simops,
    statistics,
    weather,
)

app_name = "permits"
prefix = "permits/"

urlpatterns = [
    path("", permits.PermitList.as_view(), name="permits"),
    path("new", entering.NewPermit.as_view(), name="permit_new"),
    *(path(f"new/{kind}", entering.NewDraft.as_view(kind=kind), name=f"new_{kind.lower()}") for kind in Kind.values),
    path("operations", simops.OperationList.as_view(), name="operations"),
    path("operations/new", simops.NewOperation.as_view(), name="operation_new"),
    path("operations/<uuid:pk>", simops.OperationPage.as_view(), name="operation"),
    path("orders", orders.OrderList.as_view(), name="orders"),
    path("orders/new", orders.NewOrder.as_view(), name="order_new"),
    path("orders/<uuid:pk>", orders.OrderPage.as_view(), name="order"),
    path("musters", musters.MusterList.as_view(), name="musters"),
    path("musters/new", musters.NewMuster.as_view(), name="muster_new"),
    path("musters/<uuid:pk>", musters.MusterPage.as_view(), name="muster"),
    path("musters/<uuid:pk>/people/<uuid:entry>", musters.MarkEntry.as_view(), name="muster_mark"),
    path("isolations", isolations.IsolationList.as_view(), name="isolations"),
    path("isolations/new", isolations.NewIsolation.as_view(), name="isolation_new"),
    path("isolations/<uuid:pk>", isolations.IsolationPage.as_view(), name="isolation"),
    path("isolations/<uuid:pk>/change", isolations.ChangeIsolation.as_view(), name="isolation_change"),
    path("sanctions", sanctions.SanctionList.as_view(), name="sanctions"),
    path("sanctions/<uuid:pk>", sanctions.SanctionPage.as_view(), name="sanction"),
    path("<uuid:pk>/sanctions/new", sanctions.AskSanction.as_view(), name="sanction_new"),
    path("<uuid:pk>/isolations/new", isolations.PermitIsolation.as_view(), name="permit_isolation"),
    path("figures", orders.FigureList.as_view(), name="figures"),
    path("figures/new", orders.NewFigure.as_view(), name="figure_new"),
    path("<uuid:pk>/fire-watch", fire_watch.FireWatchPage.as_view(), name="fire_watch"),
    path("<uuid:pk>/rescue", rescue.TellRescue.as_view(), name="rescue"),
    path("<uuid:pk>/look", guarding.Look.as_view(), name="look"),
    path("<uuid:pk>/gas-reading", instruments.TakeReading.as_view(), name="gas_reading"),
    path("<uuid:pk>/detectors/new", pairings.PairDetector.as_view(), name="detector_pair"),
    path("<uuid:pk>/detectors/<uuid:pairing>/part", pairings.PartDetector.as_view(), name="detector_part"),
    path("<uuid:pk>/hand-over", guarding.HandOver.as_view(), name="hand_over"),
    path("<uuid:pk>/space/new", guarding.EnterSpace.as_view(), name="space_enter"),
    path("<uuid:pk>/space/<uuid:entry>/leave", guarding.LeaveSpace.as_view(), name="space_leave"),
    path("<uuid:pk>/observers/new", guarding.NewObserver.as_view(), name="observer_new"),
    path("<uuid:pk>/observers/<uuid:observer>", guarding.Observed.as_view(), name="observed"),
    path("<uuid:pk>/order", orders.NewOrder.as_view(), name="permit_order"),
    path("<uuid:pk>/meetings/<uuid:other>/<str:rule>", simops.Coordinate.as_view(), name="coordinate"),
    path("<uuid:pk>", permits.PermitPage.as_view(), name="permit"),
    path("<uuid:pk>/change", entering.ChangeDraft.as_view(), name="change"),
    path("<uuid:pk>/place", entering.PlacePermit.as_view(), name="place"),
    path("<uuid:pk>/renew", entering.Renew.as_view(), name="renew"),
    path("weather", weather.WarningList.as_view(), name="weather"),
    path("weather/new", weather.NewWarning.as_view(), name="weather_new"),
    path("weather/rules", weather.WeatherRules.as_view(), name="weather_rules"),
    path("weather/rules/<str:warning>/<str:colour>", weather.SetWeatherRule.as_view(), name="weather_rule"),
    path("weather/<uuid:pk>", weather.WarningPage.as_view(), name="weather_warning"),
    path("board", boards.BoardPage.as_view(), name="board"),
    path("statistics", statistics.Statistics.as_view(), name="statistics"),
    path("statistics/rows", statistics.CountedPermits.as_view(), name="counted"),
    path("map", maps.PermitMap.as_view(), name="map"),
    path("sites/<uuid:pk>", maps.PermitSite.as_view(), name="site"),
    path("screens/new", boards.NewScreen.as_view(), name="screen_new"),
    path("screens/<uuid:pk>/revoke", boards.RevokeScreen.as_view(), name="screen_revoke"),
    path("<uuid:pk>/paper", papers.PrintPermit.as_view(), name="paper"),
    path("<uuid:pk>/sketch", papers.Sketch.as_view(), name="sketch"),
    path("<uuid:pk>/form", papers.Particulars.as_view(), name="particulars"),
    path("<uuid:pk>/people/new", entering.NewPerson.as_view(), name="person_new"),
    path("<uuid:pk>/people/<uuid:row_id>/remove", entering.RemovePerson.as_view(), name="person_remove"),
    path("<uuid:pk>/measures/<str:code>", entering.Measure.as_view(), name="measure"),
    *audit_patterns,
    *daily_patterns,
    *exchange_patterns,
    *learning_patterns,
]
