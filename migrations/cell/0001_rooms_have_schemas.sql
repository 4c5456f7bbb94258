-- One schema for each room of a cell: authorization's, the bank's, the courier's; two that the gateway shares.
create schema oauth;
create schema consents;
create schema customers;
create schema accounts;
create schema payments;
create schema cards;
create schema synthetic;
create schema courier;
