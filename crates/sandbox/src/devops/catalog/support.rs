//! Customer Support: a customer's own process, inherited from Agile, whose bugs demand a field
//! that no stock process has.

use super::agile::{BUG, BUG_RULES, EPIC, FEATURE, TASK, USER_STORY};
use super::{ItemType, Process, Rule, TEST_CASE, plain};

pub(super) static PROCESS: Process = Process {
    id: "7d0b7f6a-5d0c-4c39-9f55-0c6f6b9b1d11",
    name: "Customer Support",
    description: "Agile with the fields our support desk needs.",
    inherited: true,
    types: &[
        EPIC,
        FEATURE,
        USER_STORY,
        TASK,
        ItemType { rules: &[OWN_RULES, BUG_RULES], reference: "CustomerSupport.Bug", ..BUG },
        TEST_CASE,
    ],
};

const OWN_RULES: &[Rule] = &[
    Rule {
        field: "Custom.CustomerTier",
        required: true,
        default: None,
        allowed: &["Bronze", "Silver", "Gold"],
    },
    plain("Custom.Escalated"),
];
