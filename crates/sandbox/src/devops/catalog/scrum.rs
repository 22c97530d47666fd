//! Scrum: Epic, Feature, Product Backlog Item, Task, Bug, Impediment.

use super::{
    ACTIVITIES, Category, ItemType, PRIORITIES, Process, Rule, SEVERITIES, State, StateCategory,
    TEST_CASE, VALUE_AREAS, choice, plain, preset, state,
};

pub(super) static PROCESS: Process = Process {
    id: "6b724908-ef14-45cf-84f8-768b5384da45",
    name: "Scrum",
    description: "This template is for teams who follow the Scrum framework.",
    inherited: false,
    types: &[EPIC, FEATURE, BACKLOG_ITEM, TASK, BUG, IMPEDIMENT, TEST_CASE],
};

const PORTFOLIO_STATES: &[State] = &[
    state("New", StateCategory::Proposed, "New", &["In Progress", "Done", "Removed"]),
    state(
        "In Progress",
        StateCategory::InProgress,
        "Implementation started",
        &["New", "Done", "Removed"],
    ),
    state("Done", StateCategory::Completed, "Work finished", &["New", "In Progress"]),
    state("Removed", StateCategory::Removed, "Removed from the backlog", &["New"]),
];

const BACKLOG_STATES: &[State] = &[
    state(
        "New",
        StateCategory::Proposed,
        "New backlog item",
        &["Approved", "Committed", "Done", "Removed"],
    ),
    state(
        "Approved",
        StateCategory::Proposed,
        "Approved by the Product Owner",
        &["New", "Committed", "Done", "Removed"],
    ),
    state(
        "Committed",
        StateCategory::InProgress,
        "Commitment made by the team",
        &["New", "Approved", "Done", "Removed"],
    ),
    state("Done", StateCategory::Completed, "Work finished", &["New", "Approved", "Committed"]),
    state("Removed", StateCategory::Removed, "Removed from the backlog", &["New"]),
];

const TASK_STATES: &[State] = &[
    state("To Do", StateCategory::Proposed, "New task", &["In Progress", "Done", "Removed"]),
    state("In Progress", StateCategory::InProgress, "Work started", &["To Do", "Done", "Removed"]),
    state("Done", StateCategory::Completed, "Work finished", &["To Do", "In Progress"]),
    state("Removed", StateCategory::Removed, "Removed from the backlog", &["To Do"]),
];

const PORTFOLIO_RULES: &[Rule] = &[
    preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
    preset("Microsoft.VSTS.Common.ValueArea", "Business", VALUE_AREAS),
    plain("Microsoft.VSTS.Common.BacklogPriority"),
    plain("Microsoft.VSTS.Common.BusinessValue"),
    plain("Microsoft.VSTS.Common.TimeCriticality"),
    plain("Microsoft.VSTS.Scheduling.Effort"),
    plain("Microsoft.VSTS.Scheduling.StartDate"),
    plain("Microsoft.VSTS.Scheduling.TargetDate"),
];

const EPIC: ItemType = ItemType {
    name: "Epic",
    reference: "Microsoft.VSTS.WorkItemTypes.Epic",
    description: "Epics help teams effectively manage and groom their product backlog",
    color: "E06C00",
    icon: "icon_crown",
    category: Category::Epic,
    states: PORTFOLIO_STATES,
    rules: &[PORTFOLIO_RULES],
};

const FEATURE: ItemType = ItemType {
    name: "Feature",
    reference: "Microsoft.VSTS.WorkItemTypes.Feature",
    description: "Tracks a feature that will be released with the product",
    color: "773B93",
    icon: "icon_trophy",
    category: Category::Feature,
    states: PORTFOLIO_STATES,
    rules: &[PORTFOLIO_RULES],
};

const BACKLOG_ITEM: ItemType = ItemType {
    name: "Product Backlog Item",
    reference: "Microsoft.VSTS.WorkItemTypes.ProductBacklogItem",
    description: "Tracks an activity the user will be able to perform with the product",
    color: "009CCC",
    icon: "icon_list",
    category: Category::Requirement,
    states: BACKLOG_STATES,
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        preset("Microsoft.VSTS.Common.ValueArea", "Business", VALUE_AREAS),
        plain("Microsoft.VSTS.Common.BacklogPriority"),
        plain("Microsoft.VSTS.Common.BusinessValue"),
        plain("Microsoft.VSTS.Common.AcceptanceCriteria"),
        plain("Microsoft.VSTS.Scheduling.Effort"),
    ]],
};

const TASK: ItemType = ItemType {
    name: "Task",
    reference: "Microsoft.VSTS.WorkItemTypes.Task",
    description: "Tracks work that needs to be done.",
    color: "A4880A",
    icon: "icon_clipboard",
    category: Category::Task,
    states: TASK_STATES,
    rules: &[&[
        choice("Microsoft.VSTS.Common.Priority", PRIORITIES),
        choice("Microsoft.VSTS.Common.Activity", ACTIVITIES),
        choice("Microsoft.VSTS.CMMI.Blocked", &["Yes", "No"]),
        plain("Microsoft.VSTS.Common.BacklogPriority"),
        plain("Microsoft.VSTS.Scheduling.RemainingWork"),
    ]],
};

const BUG: ItemType = ItemType {
    name: "Bug",
    reference: "Microsoft.VSTS.WorkItemTypes.Bug",
    description: "Describes a divergence between required and actual behavior, and tracks the work done to correct the defect and verify the correction.",
    color: "CC293D",
    icon: "icon_insect",
    category: Category::Bug,
    states: BACKLOG_STATES,
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        preset("Microsoft.VSTS.Common.Severity", "3 - Medium", SEVERITIES),
        preset("Microsoft.VSTS.Common.ValueArea", "Business", VALUE_AREAS),
        plain("Microsoft.VSTS.Common.BacklogPriority"),
        plain("Microsoft.VSTS.Common.AcceptanceCriteria"),
        plain("Microsoft.VSTS.Scheduling.Effort"),
        plain("Microsoft.VSTS.Scheduling.RemainingWork"),
        plain("Microsoft.VSTS.TCM.ReproSteps"),
        plain("Microsoft.VSTS.TCM.SystemInfo"),
        plain("Microsoft.VSTS.Build.FoundIn"),
    ]],
};

const IMPEDIMENT: ItemType = ItemType {
    name: "Impediment",
    reference: "Microsoft.VSTS.WorkItemTypes.Impediment",
    description: "Tracks an obstacle to progress.",
    color: "B4009E",
    icon: "icon_traffic_cone",
    category: Category::Issue,
    states: &[
        state("Open", StateCategory::InProgress, "New impediment", &["Closed"]),
        state("Closed", StateCategory::Completed, "Impediment removed", &["Open"]),
    ],
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        plain("Microsoft.VSTS.Common.BacklogPriority"),
        plain("Microsoft.VSTS.Common.Resolution"),
    ]],
};
