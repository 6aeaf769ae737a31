// How what one side delivers relates to what the other does.

/** How what one side delivers relates to what the other does. */
export type Relation =
  | {
      readonly is: 'same';
      readonly delivery: 'same' | 'to-sds' | 'from-sds' | 'other';
      readonly assumed?: string;
    }
  | { readonly is: 'another' }
  | { readonly is: 'unknown'; readonly reason: string };
