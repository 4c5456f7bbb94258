-- One key of an application may be known to others while its other keys are not: it is stopped alone, in under a second.
alter table publication.revocation drop constraint revocation_kind_check;
alter table publication.revocation add constraint revocation_kind_check
  check (kind in ('client', 'certificate', 'partner', 'permission', 'key'));
