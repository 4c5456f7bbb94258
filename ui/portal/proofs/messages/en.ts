/** The words of a partner's proofs. */
export const en = {
  'proofs.title': 'Proofs',
  'proofs.about':
    'What you did, what came about you by itself and what you called stands in a journal that the bank cannot change unseen. Check it here, and keep it.',
  'proofs.lines': 'Changes',
  'proofs.none': 'No signed line yet',
  'proofs.none.about': 'A line stands here about a second after something changed.',
  'proofs.when': 'When',
  'proofs.event': 'Event',
  'proofs.place': 'Place',
  'proofs.prove': 'Prove line {seq}',
  'proofs.prove.act': 'Prove',
  'proofs.proof': 'Proof',
  'proofs.keep': 'Keep this proof',
  'proofs.earlier': 'Earlier',
  'proofs.call': 'A call',
  'proofs.call.id': 'Id of the call',
  'proofs.call.hint':
    'From the log of calls, or x-fapi-interaction-id of the answer without dashes',
  'proofs.call.act': 'Prove the call',
  'proofs.call.text': 'The call as it was counted',
} as const
