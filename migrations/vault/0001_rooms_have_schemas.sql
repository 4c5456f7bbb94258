-- A vault has one room.
create schema vault;
