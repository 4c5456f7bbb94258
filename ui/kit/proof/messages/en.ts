/** The words of proofs: what the journal says of itself, and what a browser finds of a line. */
export const en = {
  'proof.log': 'Signed state',
  'proof.unsigned': 'Nothing is signed yet',
  'proof.size': 'Lines signed',
  'proof.root': 'Root of the tree',
  'proof.key': 'Key of the journal',
  'proof.witnesses': 'Witnesses',
  'proof.witnessed': '{size} lines, {when}',
  'proof.no-witness': 'No witness has co-signed: a rollback would go unseen',
  'proof.later': 'No checkpoint is over this line yet. It follows within about a second.',
  'proof.leads': 'The line leads to the signed root',
  'proof.misleads': 'The line does not lead to the signed root',
  'proof.signed': 'The root is signed with the key of the journal',
  'proof.forged': 'The root is not signed with the key of the journal',
  'proof.unchecked': 'This browser cannot check Ed25519; compare the signature elsewhere',
  'proof.batch': 'The call leads to the root that the line of its batch says',
  'proof.no-batch': 'The call does not lead to the root of its batch',
  'proof.here': {
    one: 'Computed in this browser over {count} hash, not by the bank.',
    other: 'Computed in this browser over {count} hashes, not by the bank.',
  },
} as const
