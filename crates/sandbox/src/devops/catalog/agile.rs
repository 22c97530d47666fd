//! Agile: Epic, Feature, User Story, Task, Bug, Issue.

use super::{
    ACTIVITIES, Category, ItemType, PRIORITIES, Process, RISKS, Rule, SEVERITIES, State,
    StateCategory, TEST_CASE, VALUE_AREAS, choice, plain, preset, state,
};

pub(super) static PROCESS: Process = Process {
    id: "adcc42ab-9882-485e-a3ed-7678f01f66bc",
    name: "Agile",
    description: "This template is flexible and will work great for most teams using Agile planning methods, including those practicing Scrum.",
    inherited: false,
    types: &[EPIC, FEATURE, USER_STORY, TASK, BUG, ISSUE, TEST_CASE],
};

const BACKLOG_STATES: &[State] = &[
    state("New", StateCategory::Proposed, "New", &["Active", "Resolved", "Closed", "Removed"]),
    state(
        "Active",
        StateCategory::InProgress,
        "Implementation started",
        &["New", "Resolved", "Closed", "Removed"],
    ),
    state(
        "Resolved",
        StateCategory::Resolved,
        "Code complete and unit tests pass",
        &["Active", "Closed"],
    ),
    state("Closed", StateCategory::Completed, "Acceptance tests pass", &["Active", "Resolved"]),
    state("Removed", StateCategory::Removed, "Removed from the backlog", &["New"]),
];

const TASK_STATES: &[State] = &[
    state("New", StateCategory::Proposed, "New", &["Active", "Closed", "Removed"]),
    state("Active", StateCategory::InProgress, "Work started", &["New", "Closed", "Removed"]),
    state("Closed", StateCategory::Completed, "Completed", &["New", "Active"]),
    state("Removed", StateCategory::Removed, "Removed from the backlog", &["New"]),
];

const BUG_STATES: &[State] = &[
    state("New", StateCategory::Proposed, "New", &["Active", "Resolved", "Closed"]),
    state("Active", StateCategory::InProgress, "Approved", &["New", "Resolved", "Closed"]),
    state("Resolved", StateCategory::Resolved, "Fixed", &["Active", "Closed"]),
    state("Closed", StateCategory::Completed, "Fixed and verified", &["New", "Active", "Resolved"]),
];

const PORTFOLIO_RULES: &[Rule] = &[
    preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
    preset("Microsoft.VSTS.Common.ValueArea", "Business", VALUE_AREAS),
    choice("Microsoft.VSTS.Common.Risk", RISKS),
    plain("Microsoft.VSTS.Common.StackRank"),
    plain("Microsoft.VSTS.Common.BusinessValue"),
    plain("Microsoft.VSTS.Common.TimeCriticality"),
    plain("Microsoft.VSTS.Scheduling.Effort"),
    plain("Microsoft.VSTS.Scheduling.StartDate"),
    plain("Microsoft.VSTS.Scheduling.TargetDate"),
];

pub(super) const EPIC: ItemType = ItemType {
    name: "Epic",
    reference: "Microsoft.VSTS.WorkItemTypes.Epic",
    description: "Epics help teams effectively manage and groom their product backlog",
    color: "E06C00",
    icon: "icon_crown",
    category: Category::Epic,
    states: BACKLOG_STATES,
    rules: &[PORTFOLIO_RULES],
};

pub(super) const FEATURE: ItemType = ItemType {
    name: "Feature",
    reference: "Microsoft.VSTS.WorkItemTypes.Feature",
    description: "Tracks a feature that will be released with the product",
    color: "773B93",
    icon: "icon_trophy",
    category: Category::Feature,
    states: BACKLOG_STATES,
    rules: &[PORTFOLIO_RULES],
};

pub(super) const USER_STORY: ItemType = ItemType {
    name: "User Story",
    reference: "Microsoft.VSTS.WorkItemTypes.UserStory",
    description: "Tracks an activity the user will be able to perform with the product",
    color: "009CCC",
    icon: "icon_book",
    category: Category::Requirement,
    states: BACKLOG_STATES,
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        preset("Microsoft.VSTS.Common.ValueArea", "Business", VALUE_AREAS),
        choice("Microsoft.VSTS.Common.Risk", RISKS),
        plain("Microsoft.VSTS.Common.StackRank"),
        plain("Microsoft.VSTS.Common.AcceptanceCriteria"),
        plain("Microsoft.VSTS.Scheduling.StoryPoints"),
        plain("Microsoft.VSTS.Scheduling.StartDate"),
        plain("Microsoft.VSTS.Build.IntegrationBuild"),
    ]],
};

pub(super) const TASK: ItemType = ItemType {
    name: "Task",
    reference: "Microsoft.VSTS.WorkItemTypes.Task",
    description: "Tracks work that needs to be done.",
    color: "A4880A",
    icon: "icon_clipboard",
    category: Category::Task,
    states: TASK_STATES,
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        choice("Microsoft.VSTS.Common.Activity", ACTIVITIES),
        plain("Microsoft.VSTS.Common.StackRank"),
        plain("Microsoft.VSTS.Scheduling.RemainingWork"),
        plain("Microsoft.VSTS.Scheduling.CompletedWork"),
        plain("Microsoft.VSTS.Scheduling.OriginalEstimate"),
        plain("Microsoft.VSTS.Build.IntegrationBuild"),
    ]],
};

pub(super) const BUG_RULES: &[Rule] = &[
    preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
    preset("Microsoft.VSTS.Common.Severity", "3 - Medium", SEVERITIES),
    preset("Microsoft.VSTS.Common.ValueArea", "Business", VALUE_AREAS),
    choice("Microsoft.VSTS.Common.Activity", ACTIVITIES),
    plain("Microsoft.VSTS.Common.StackRank"),
    plain("Microsoft.VSTS.Scheduling.StoryPoints"),
    plain("Microsoft.VSTS.Scheduling.RemainingWork"),
    plain("Microsoft.VSTS.Scheduling.CompletedWork"),
    plain("Microsoft.VSTS.Scheduling.OriginalEstimate"),
    plain("Microsoft.VSTS.TCM.ReproSteps"),
    plain("Microsoft.VSTS.TCM.SystemInfo"),
    plain("Microsoft.VSTS.Build.FoundIn"),
    plain("Microsoft.VSTS.Build.IntegrationBuild"),
];

pub(super) const BUG: ItemType = ItemType {
    name: "Bug",
    reference: "Microsoft.VSTS.WorkItemTypes.Bug",
    description: "Describes a divergence between required and actual behavior, and tracks the work done to correct the defect and verify the correction.",
    color: "CC293D",
    icon: "icon_insect",
    category: Category::Bug,
    states: BUG_STATES,
    rules: &[BUG_RULES],
};

const ISSUE: ItemType = ItemType {
    name: "Issue",
    reference: "Microsoft.VSTS.WorkItemTypes.Issue",
    description: "Tracks an obstacle to progress.",
    color: "B4009E",
    icon: "icon_traffic_cone",
    category: Category::Issue,
    states: &[
        state("Active", StateCategory::InProgress, "New", &["Closed"]),
        state("Closed", StateCategory::Completed, "Issue Resolved", &["Active"]),
    ],
    rules: &[&[
        preset("Microsoft.VSTS.Common.Priority", "2", PRIORITIES),
        plain("Microsoft.VSTS.Common.StackRank"),
        plain("Microsoft.VSTS.Scheduling.DueDate"),
    ]],
};
