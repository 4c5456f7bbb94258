/** What a share may be computed from; what a partner reports itself is the bank's to earn. */
export const bases = ['card-clearing', 'payment', 'fx-markup', 'loan', 'account-fee'] as const
