"""The families of facilities (设施类型) that can be simulated, and the rows of all their tables."""

from __future__ import annotations

from quancheng.stream.simulator import (
    gas_station,
    petrol,
    reactor,
    tank_farm,
    toxic_store,
    valve_station,
    warehouse,
)
from quancheng.stream.simulator.fleet import Fleet
from quancheng.stream.simulator.tags import TagSpec

FAMILIES: dict[str, type[Fleet]] = {
    "petrol": petrol.PetrolStations,
    "lpg": gas_station.LpgStations,
    "lng": gas_station.LngStations,
    "chlorine": toxic_store.ChlorineStores,
    "ammonia": toxic_store.AmmoniaStores,
    "spheres": tank_farm.Spheres,
    "floating_roofs": tank_farm.FloatingRoofs,
    "warehouse": warehouse.Warehouses,
    "semibatch_reactors": reactor.SemibatchReactors,
    "batch_reactors": reactor.BatchReactors,
    "valve_station": valve_station.ValveStations,
}

#: Rows of each family's tables.
SPECS: dict[str, tuple[TagSpec, ...]] = {
    "petrol": petrol.SPECS,
    "lpg": gas_station.LPG_SPECS,
    "lng": gas_station.LNG_SPECS,
    "chlorine": toxic_store.CHLORINE_SPECS,
    "ammonia": toxic_store.AMMONIA_SPECS,
    "spheres": tank_farm.SPHERE_SPECS,
    "floating_roofs": tank_farm.ROOF_SPECS,
    "warehouse": warehouse.SPECS,
    "semibatch_reactors": reactor.SPECS,
    "batch_reactors": reactor.BATCH_SPECS,
    "valve_station": valve_station.SPECS,
}
