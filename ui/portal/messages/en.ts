/** The portal's words. The English catalogue is the shape that the others are checked against. */
export const en = {
  'front.about': 'for partners',
  'front.title': 'One door to the bank. Every rule in plain sight.',
  'front.lead':
    'Accounts, payments and cards in one API. Sandbox keys in a minute, a first call in five, and a reason with every answer, also when it is no.',
  'front.create': 'Create a sandbox',
  'front.get-keys': 'Get sandbox keys',
  'front.products': 'Products',
  'front.tiers': 'Tiers',
  'front.first-call': 'First call',
  'front.proof.operations': 'Operations on offer today',
  'front.proof.rate': 'Calls a second in the sandbox',
  'front.proof.people': 'People behind every change in production',
  'front.sample': 'A first call, with its answer',
  'front.sample.request': 'Request',
  'front.sample.checked': 'What the bank checked',
  'front.sample.answer': 'Answer',
  'front.sample.withheld': 'withheld: needs ReadAccountsDetail',
  'front.gate.proven': 'Certificate and token proven',
  'front.gate.allowed': 'Licence, contract and scope allow it',
  'front.gate.limit': 'Within the limit of the tier',
  'front.gate.consent': 'Customer’s consent covers it',
  'front.gate.released': '4 fields released, 1 withheld',
  'front.products.title': 'One way of asking',
  'front.products.about':
    'The same authentication, errors, idempotency and versions everywhere. Learn one product, know them all.',
  'front.price-from': 'from {price} a call · version {version}',
  'front.tiers.title': 'Limits by tier',
  'front.tiers.about':
    'The same numbers stand in your contract, and the gateway enforces them. Refused calls are not charged.',
  'front.by-law': 'Access that the law makes free.',
  'front.by-law.about':
    'Account information, payment initiation and funds confirmation for licensed providers: no price, the same service, never slower than the bank’s own channel.',
  'front.first-call.title': 'From this page to your first call',
  'front.first-call.about':
    'No form to send, no manager to wait for. The bank’s people come in when you go to production.',
  'front.step.register': 'Register',
  'front.step.register.when': 'now',
  'front.step.register.about':
    'An e-mail address and a password. What your organisation is, you say yourself.',
  'front.step.key': 'Make a key',
  'front.step.key.when': '1 min',
  'front.step.key.about':
    'Your browser makes it; the private half never leaves you. One file for curl.',
  'front.step.call': 'Call',
  'front.step.call.when': '3 min',
  'front.step.call.about':
    'The sample carries your own values. Your call appears here with its price.',
  'front.step.live': 'Go live',
  'front.step.live.when': 'when you are ready',
  'front.step.live.about':
    'Evidence, contract, production keys. Each step says whose move it is and what it waits for.',
  'front.foot': '{bank}. Published with Portico, open source.',
  'front.addresses': 'Addresses',

  'tier.term': 'Term',
  'tier.sold': 'by contract',
  'tier.free': 'at once, free',
  'tier.verifications': 'Ownership checks a minute',
  'tier.reveals': 'Card reveals a minute',

  'sign-in.lead': 'To your organisation’s applications, contracts and usage.',
  'sign-in.new': 'New here?',
  'sign-in.says':
    'Every call you make can be explained: what was checked, what it cost, who allowed it.',

  'register.title': 'Register your organisation',
  'register.lead': 'The sandbox opens at once. Nothing here is checked by a person yet.',
  'register.act': 'Register',
  'register.known': 'Registered already?',
  'register.says': 'Sandbox keys in a minute.',
  'register.says-about':
    'Synthetic people with a salary, rent and a bad month. The same gateway, the same rules and the same answers as in production.',
  'organisation.name': 'Organisation',
  'organisation.legal-name': 'Registered name, if it differs',
  'organisation.legal-name.hint': 'As in the state register. It stands in contracts.',
  'organisation.country': 'Country',
  'organisation.statuses': 'What is your organisation?',
  'organisation.statuses.hint':
    'Choose what fits, or nothing. In the sandbox your word is enough; production asks for evidence.',
  'person.password.hint': 'At least 12 characters. A sentence is good.',
  'partner.suspended':
    'The bank has suspended your organisation. Production calls are refused until it is reinstated.',

  'country.UZ': 'Uzbekistan',
  'country.KZ': 'Kazakhstan',
  'country.KG': 'Kyrgyzstan',
  'country.TJ': 'Tajikistan',
  'country.TM': 'Turkmenistan',
  'country.AZ': 'Azerbaijan',
  'country.GE': 'Georgia',
  'country.RU': 'Russia',
  'country.TR': 'Türkiye',
  'country.AE': 'United Arab Emirates',
  'country.DE': 'Germany',
  'country.LT': 'Lithuania',
  'country.GB': 'United Kingdom',
  'country.US': 'United States',

  'place.home': 'Home',
  'place.build': 'Build',
  'place.go-live': 'Go live',
  'place.run': 'Run',
  'place.applications': 'Applications',
  'place.licences': 'Licences',
  'place.contracts': 'Contracts',
  'place.usage': 'Usage',

  'organisation.legal-name.short': 'Registered name',
  'home.hello': '{name}: what is next',
  'home.about.sandbox':
    'From nothing to a first call. No person of the bank is needed on this path.',
  'home.about.production':
    'From evidence to live calls. Each step says whose move it is; the bank’s own changes always take two people.',
  'home.done': 'done',
  'home.organisation': 'Your organisation',
  'home.declared': 'Declared as',
  'home.other': 'Other environment',
  'home.other.steps': {
    one: '{done} of {count} step is done.',
    other: '{done} of {count} steps are done.',
  },
  'home.other.act': 'See that path',

  'step.organisation': 'Organisation',
  'step.organisation.done': 'Registered on {date}',
  'step.sandbox-application': 'A sandbox application',
  'step.sandbox-application.about':
    'Your program’s identity: what it may use and how it proves itself. Your browser makes its key.',
  'step.sandbox-application.done': '{name} is active',
  'step.first-call': 'First call',
  'step.first-call.about':
    'The sample carries your own values. Paste it, run it, and watch it arrive.',
  'step.first-call.refused': 'A call arrived and was refused. Usage says why.',
  'step.first-call.done': 'Arrived {time}',
  'step.first-call.act': 'Make the call',
  'step.go-live': 'Go live',
  'step.go-live.about': 'Evidence, licence, contract, production keys.',
  'step.go-live.act': 'See what production needs',
  'step.evidence': 'Evidence',
  'step.evidence.about':
    'Documents that show what you are: policies, attestations, registrations. The licences page lists what each permission still lacks.',
  'step.evidence.some': {
    one: '{accepted} of {count} document accepted.',
    other: '{accepted} of {count} documents accepted.',
  },
  'step.evidence.act': 'Hand in evidence',
  'step.licence': 'Licence status',
  'step.licence.about': 'Ask the bank to hold you as what you declared.',
  'step.licence.asked': 'You have asked. Compliance verifies, and a second person agrees.',
  'step.contract': 'Contract',
  'step.contract.about': 'Partner success offers one when your status is held.',
  'step.contract.offered': 'It is ready for your signature.',
  'step.contract.done': 'In force, tier {tier}',
  'step.contract.act': 'Read and sign',
  'step.production-application': 'A production application',
  'step.production-application.about':
    'New keys, never those of the sandbox. Two people of the bank look at it.',
  'step.production-call': 'First live call',
  'step.production-call.about': 'It appears under usage with its price.',

  'applications.title': 'Applications',
  'applications.about.sandbox':
    'Programs that call the sandbox. They work the moment they are made.',
  'applications.about.production':
    'Programs that call production. Two people of the bank approve each one; stopping one is yours alone.',
  'applications.new.sandbox': 'New application',
  'applications.new.production': 'Ask for an application',
  'applications.none': 'No application here yet',
  'applications.none.sandbox': 'Make one, and the first call is two minutes away.',
  'applications.none.production': 'Ask for one when evidence and contract stand.',

  'application.one': 'Application',
  'application.new': 'New application',
  'application.new.about.sandbox': 'It is active at once. Keys are made in this browser.',
  'application.new.about.production':
    'It becomes active when two people of the bank have approved it.',
  'application.name.hint': 'Yours to choose. It names the files that are saved for you.',
  'application.keys': 'The private half stays with you.',
  'application.keys.about':
    'It is made in this browser and saved among your downloads. The bank receives the public half only, and cannot make it again.',
  'application.production.about':
    'Two people look at what was asked. Its keys work from the moment the second one agrees.',
  'application.csr': 'Certificate request (PEM)',
  'application.csr.hint': 'PKCS #10, with a P-256, P-384 or RSA key of at least 3072 bits.',
  'application.redirects': 'Redirect addresses',
  'application.redirects.hint.sandbox':
    'Where customers come back to, one a line. https, or localhost. Leave empty if you ask no customer.',
  'application.redirects.hint.production':
    'Where customers come back to, one a line, https only. Leave empty if you ask no customer.',
  'application.rehearsal.title': 'Rehearsal',
  'application.rehearsal': 'Answer as production would',
  'application.rehearsal.about':
    'Permissions are computed from your statuses and attestations, so a missing one is refused here first.',
  'application.ask.sandbox': 'Create application',
  'application.ask.production': 'Ask the bank',
  'application.about': 'About it',
  'application.bound': 'Tokens',
  'application.grants': 'Grants',
  'application.saved': '`{file}` was saved to your downloads. Keep it like a password.',

  'way.certificate': 'Client certificate, made here',
  'way.certificate.about': 'One PEM file. curl needs nothing else.',
  'way.own-request': 'Client certificate for my own request',
  'way.own-request.about': 'Paste a CSR; the key never touches this page.',
  'way.key': 'Signing key with DPoP, made here',
  'way.key.about': 'A private JWK for a FAPI 2.0 client library: private_key_jwt and DPoP.',

  'certificates.title': 'Certificates',
  'certificates.new': 'New certificate',
  'certificates.none': 'None. This application proves itself with its own key.',
  'certificates.fingerprint': 'Fingerprint',
  'certificates.until': 'Valid until',
  'certificates.live': 'in force',
  'certificates.ended': 'ended',
  'certificates.download': 'Certificate',
  'certificates.revoke': 'Revoke now',
  'certificates.ask': 'Ask for a certificate',
  'certificates.csr.hint':
    'Leave empty, and this browser makes a new key and saves it with the certificate.',

  'stop.title': 'Stop it',
  'stop.about':
    'Its keys and certificates stop working within a second, for good. A new application has new keys.',
  'stop.name': 'Type its name, {name}, to stop it',
  'stop.misspelt': 'The name differs. Nothing was stopped.',
  'stop.act': 'Stop this application now',

  'first-call.title': 'Your first call',
  'first-call.about':
    'Put `{file}` and `portico-ca.pem` into one folder and paste this there. Marked values are yours.',
  'first-call.program':
    'This application signs with its own key, which curl alone cannot do. Give the saved JWK to a FAPI 2.0 client library.',
  'first-call.waiting': 'Waiting for your first call',
  'first-call.waiting.about': 'This page turns green by itself.',
  'first-call.arrived': 'It arrived.',

  'licences.title': 'Licences',
  'licences.about.sandbox': 'Your word is enough here: what you declare opens what it would open.',
  'licences.about.production':
    'Each permission passes its gates in order. Open one to see what is missing and who can give it.',
  'licences.permissions': 'Permissions',
  'licences.statuses': 'Statuses',
  'licences.no-status': 'You declared none, so you are treated as not yet verified.',
  'licences.since': 'since {date}',
  'licences.asked': 'You asked to be held as: {statuses}.',
  'licences.ask': 'Ask for these statuses',
  'licences.ask.which': 'What should the bank hold you as?',
  'licences.ask.hint': 'Compliance verifies your evidence; a second person agrees.',

  'evidence.title': 'Evidence',
  'evidence.add': 'Add evidence',
  'evidence.none': 'No documents yet',
  'evidence.none.about':
    'Each document is verified by two people of the bank and counts until it ends.',
  'evidence.number': 'Number',
  'evidence.shows': 'What it shows',
  'evidence.shows.hint': 'For instance the level of an attestation.',
  'evidence.valid-from': 'Valid from',
  'evidence.valid-to': 'Valid until',
  'evidence.file': 'The document',
  'evidence.file.hint': 'Its SHA-256 is computed here; the file itself is not uploaded.',
  'evidence.file.missing': 'Choose the document: its hash is what compliance compares.',
  'evidence.hand-in': 'Hand in',

  'contracts.title': 'Contracts',
  'contracts.about': 'What you and the bank agreed, with the hash that both signed.',
  'contracts.none': 'No contract yet',
  'contracts.none.about':
    'Partner success offers one when your status is held. The sandbox needs none: its terms are the Sandbox tier.',
  'contract.agreement': 'Partner API agreement',
  'contract.ready': 'Your contract, ready to sign',

  'signature.title': 'Sign for {organisation}',
  'signature.you': 'You',
  'signature.hash': 'You sign',
  'signature.text': 'this text, by its hash',
  'signature.signed': 'Signed',
  'signature.countersigned': 'Countersigned',
  'signature.signatory': 'A signatory of your organisation signs. Your roles do not include it.',
  'signature.waits': 'The bank countersigns next.',
  'signature.before': 'Before you sign',
  'signature.read': 'I have read the clauses and the prices.',
  'signature.unread': 'Read it and say so, then sign.',
  'signature.act': 'Sign',
  'signature.after': 'Then the bank countersigns, and the gateway follows what is written here.',

  'usage.title': 'Usage',
  'usage.about.sandbox': 'Priced as production would be, and never billed.',
  'usage.about.production':
    'Each call counts once, at the unit price of your contract. Refused calls are not charged.',
} as const
