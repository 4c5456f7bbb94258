-- One schema for each room of the control plane, so that a role's rights are told by schema.
create schema staff;
create schema partners;
create schema catalogue;
create schema licences;
create schema contracts;
create schema approvals;
create schema usage;
create schema publication;
