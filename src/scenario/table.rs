//! A CSV reader that knows where every cell stands.
