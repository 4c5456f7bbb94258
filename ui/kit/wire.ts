/** The form that a noun of the house has on the wire: instants, days and whole minor units are text. */
export type Wire<T> = T extends Temporal.Instant | Temporal.PlainDate | bigint
  ? string
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly Wire<Item>[]
      : { readonly [Key in keyof T]: Wire<T[Key]> }
