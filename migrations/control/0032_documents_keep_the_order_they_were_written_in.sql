-- A document is read by people: its members and examples stand in the order of its author, which jsonb does not keep.
alter table catalogue.document
  drop constraint document_openapi_check,
  alter column openapi type json using openapi::json,
  add constraint document_openapi_check check (json_typeof(openapi) = 'object');
