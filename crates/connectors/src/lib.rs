//! The catalogue of connectors, one folder each.
