-- What gateways may admit is leased to them here, so that many of them together admit no more than one would (G24–G30).
create schema limits;
