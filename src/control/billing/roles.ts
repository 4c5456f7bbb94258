/** Who may propose and decide what binds a partner's money. */
export const ROLES = ['finance', 'head-of-platform'] as const
