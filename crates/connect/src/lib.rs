//! Holding and using other people's access.
