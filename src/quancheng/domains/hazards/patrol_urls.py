"""Addresses of grid patrols (网格巡查), beside the others of the domain."""

from __future__ import annotations

from django.urls import path

from quancheng.domains.hazards.views import patrol_clues, patrol_places, patrols

patrol_patterns = [
    path("patrols", patrols.PatrolList.as_view(), name="patrols"),
    path("patrols/ledger", patrols.VisitList.as_view(), name="patrol_visits"),
    path("patrols/terms", patrols.Terms.as_view(), name="patrol_terms"),
    path("patrols/terms/new", patrols.NewTerms.as_view(), name="patrol_terms_new"),
    path("patrols/places", patrol_places.PlaceList.as_view(), name="patrol_places"),
    path("patrols/places/new", patrol_places.NewPlace.as_view(), name="patrol_place_new"),
    path("patrols/places/<uuid:pk>", patrol_places.PlacePage.as_view(), name="patrol_place"),
    path("patrols/places/<uuid:pk>/clue", patrol_clues.NewClue.as_view(), name="patrol_clue_new"),
    path("patrols/routes", patrol_places.RouteList.as_view(), name="patrol_routes"),
    path("patrols/routes/new", patrol_places.NewRoute.as_view(), name="patrol_route_new"),
    path("patrols/routes/<uuid:pk>", patrol_places.RoutePage.as_view(), name="patrol_route"),
    path("patrols/routes/<uuid:pk>/walk", patrols.WalkRoute.as_view(), name="patrol_route_walk"),
    path("patrols/clues", patrol_clues.ClueList.as_view(), name="patrol_clues"),
    path("patrols/clues/<uuid:pk>", patrol_clues.CluePage.as_view(), name="patrol_clue"),
    path("patrols/rechecks", patrol_clues.RecheckList.as_view(), name="patrol_rechecks"),
    path("patrols/rechecks/<uuid:pk>", patrol_clues.RecheckPage.as_view(), name="patrol_recheck"),
    path("findings/<uuid:pk>/grid-recheck", patrol_clues.NewRecheck.as_view(), name="patrol_recheck_new"),
    path("patrols/<uuid:pk>", patrols.PatrolPage.as_view(), name="patrol"),
    path("patrols/<uuid:pk>/walk", patrols.WalkPatrol.as_view(), name="patrol_walk"),
]
