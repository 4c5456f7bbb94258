/** Words of the licence matrix and of ISO 3166 that forms offer; their names stand in the catalogues. */

/** Statuses that an organisation may declare; `unregulated` is what it is without one. */
export const statuses = [
  'baas-partner',
  'marketplace',
  'public-authority',
  'aisp',
  'pisp',
  'cbpii',
  'emi',
  'credit-intermediary',
  'technical-service-provider',
] as const

/** The home state and its neighbours first: those that the bank's partners come from. */
export const countries = [
  'UZ',
  'KZ',
  'KG',
  'TJ',
  'TM',
  'AZ',
  'GE',
  'RU',
  'TR',
  'AE',
  'DE',
  'LT',
  'GB',
  'US',
] as const

/** Evidence that is handed in; what the bank's own records show is not. */
export const evidenceTypes = [
  'nca_register',
  'qwac',
  'programme_approval',
  'agent_registration',
  'aml_policy',
  'kyb_policy',
  'dpa',
  'dpia',
  'pen_test',
  'bcp',
  'sub_processor_list',
  'pci_aoc',
  'pci_saq',
  'legal_basis',
  'safeguarding_statement',
  'bin_sponsor_agreement',
  'credit_register',
  'passport_notification',
  'reliance_agreement',
  'principal_mandate',
  'outsourcing_contract',
  'fx_schedule',
  'qsealc',
  'insurance_pii',
  'iso27001',
] as const
