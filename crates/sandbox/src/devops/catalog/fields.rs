//! The fields that exist in every organization: reference name, friendly name, type.

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One line of text.
    Text,
    /// Text of many lines without markup.
    PlainText,
    /// Text of many lines, HTML unless the item says Markdown.
    Html,
    /// A comment: it belongs to one revision only.
    History,
    /// A whole number.
    Integer,
    /// A number.
    Double,
    /// A moment in time.
    DateTime,
    /// True or false.
    Boolean,
    /// A path in the tree of areas or iterations.
    TreePath,
    /// A person.
    Identity,
}

impl Kind {
    /// The name of the type in answers; an identity is a string to the service.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Text | Self::Identity => "string",
            Self::PlainText => "plainText",
            Self::Html => "html",
            Self::History => "history",
            Self::Integer => "integer",
            Self::Double => "double",
            Self::DateTime => "dateTime",
            Self::Boolean => "boolean",
            Self::TreePath => "treePath",
        }
    }

    /// Whether the value may be a million characters long.
    pub const fn is_long(self) -> bool {
        matches!(self, Self::PlainText | Self::Html | Self::History)
    }

    /// What a query may compare it with.
    pub const fn operations(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Text | Self::Identity => TEXT_OPERATIONS,
            Self::PlainText | Self::Html | Self::History => LONG_TEXT_OPERATIONS,
            Self::TreePath => TREE_OPERATIONS,
            Self::Boolean => BOOLEAN_OPERATIONS,
            Self::Integer | Self::Double | Self::DateTime => ORDERED_OPERATIONS,
        }
    }
}

const BOOLEAN_OPERATIONS: &[(&str, &str)] =
    &[("SupportedOperations.Equals", "="), ("SupportedOperations.NotEquals", "<>")];

const ORDERED_OPERATIONS: &[(&str, &str)] = &[
    ("SupportedOperations.Equals", "="),
    ("SupportedOperations.NotEquals", "<>"),
    ("SupportedOperations.GreaterThan", ">"),
    ("SupportedOperations.LessThan", "<"),
    ("SupportedOperations.GreaterThanEquals", ">="),
    ("SupportedOperations.LessThanEquals", "<="),
    ("SupportedOperations.In", "In"),
    ("SupportedOperations.NotIn", "Not In"),
    ("SupportedOperations.Ever", "Was Ever"),
];

const TEXT_OPERATIONS: &[(&str, &str)] = &[
    ("SupportedOperations.Equals", "="),
    ("SupportedOperations.NotEquals", "<>"),
    ("SupportedOperations.GreaterThan", ">"),
    ("SupportedOperations.LessThan", "<"),
    ("SupportedOperations.GreaterThanEquals", ">="),
    ("SupportedOperations.LessThanEquals", "<="),
    ("SupportedOperations.Contains", "Contains"),
    ("SupportedOperations.NotContains", "Does Not Contain"),
    ("SupportedOperations.In", "In"),
    ("SupportedOperations.NotIn", "Not In"),
    ("SupportedOperations.InGroup", "In Group"),
    ("SupportedOperations.NotInGroup", "Not In Group"),
    ("SupportedOperations.Ever", "Was Ever"),
];

const LONG_TEXT_OPERATIONS: &[(&str, &str)] = &[
    ("SupportedOperations.ContainsWords", "Contains Words"),
    ("SupportedOperations.NotContainsWords", "Does Not Contain Words"),
    ("SupportedOperations.IsEmpty", "Is Empty"),
    ("SupportedOperations.IsNotEmpty", "Is Not Empty"),
];

const TREE_OPERATIONS: &[(&str, &str)] = &[
    ("SupportedOperations.Under", "Under"),
    ("SupportedOperations.NotUnder", "Not Under"),
    ("SupportedOperations.Equals", "="),
    ("SupportedOperations.NotEquals", "<>"),
    ("SupportedOperations.In", "In"),
    ("SupportedOperations.NotIn", "Not In"),
];

/// One field of the organization.
#[derive(Debug)]
pub struct Field {
    /// `System.Title`.
    pub reference: &'static str,
    /// `Title`.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// Whether the service alone writes it.
    pub read_only: bool,
}

const fn open(reference: &'static str, name: &'static str, kind: Kind) -> Field {
    Field { reference, name, kind, read_only: false }
}

const fn kept(reference: &'static str, name: &'static str, kind: Kind) -> Field {
    Field { reference, name, kind, read_only: true }
}

/// The field with this reference name or friendly name, in any letter case.
pub fn find(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| {
        field.reference.eq_ignore_ascii_case(name) || field.name.eq_ignore_ascii_case(name)
    })
}

/// Every field there is.
pub static FIELDS: &[Field] = &[
    kept("System.Id", "ID", Kind::Integer),
    kept("System.Rev", "Rev", Kind::Integer),
    kept("System.AreaId", "Area ID", Kind::Integer),
    open("System.AreaPath", "Area Path", Kind::TreePath),
    kept("System.NodeName", "Node Name", Kind::Text),
    kept("System.AreaLevel1", "Area Level 1", Kind::Text),
    kept("System.AreaLevel2", "Area Level 2", Kind::Text),
    kept("System.AreaLevel3", "Area Level 3", Kind::Text),
    kept("System.IterationId", "Iteration ID", Kind::Integer),
    open("System.IterationPath", "Iteration Path", Kind::TreePath),
    kept("System.IterationLevel1", "Iteration Level 1", Kind::Text),
    kept("System.IterationLevel2", "Iteration Level 2", Kind::Text),
    kept("System.IterationLevel3", "Iteration Level 3", Kind::Text),
    open("System.TeamProject", "Team Project", Kind::Text),
    open("System.WorkItemType", "Work Item Type", Kind::Text),
    open("System.State", "State", Kind::Text),
    open("System.Reason", "Reason", Kind::Text),
    open("System.AssignedTo", "Assigned To", Kind::Identity),
    kept("System.CreatedDate", "Created Date", Kind::DateTime),
    kept("System.CreatedBy", "Created By", Kind::Identity),
    kept("System.ChangedDate", "Changed Date", Kind::DateTime),
    kept("System.ChangedBy", "Changed By", Kind::Identity),
    kept("System.AuthorizedDate", "Authorized Date", Kind::DateTime),
    kept("System.AuthorizedAs", "Authorized As", Kind::Identity),
    kept("System.RevisedDate", "Revised Date", Kind::DateTime),
    kept("System.Watermark", "Watermark", Kind::Integer),
    kept("System.CommentCount", "Comment Count", Kind::Integer),
    kept("System.IsDeleted", "Is Deleted", Kind::Boolean),
    kept("System.Parent", "Parent", Kind::Integer),
    open("System.Title", "Title", Kind::Text),
    open("System.Description", "Description", Kind::Html),
    open("System.History", "History", Kind::History),
    open("System.Tags", "Tags", Kind::PlainText),
    kept("Microsoft.VSTS.Common.StateChangeDate", "State Change Date", Kind::DateTime),
    kept("Microsoft.VSTS.Common.ActivatedDate", "Activated Date", Kind::DateTime),
    kept("Microsoft.VSTS.Common.ActivatedBy", "Activated By", Kind::Identity),
    kept("Microsoft.VSTS.Common.ResolvedDate", "Resolved Date", Kind::DateTime),
    kept("Microsoft.VSTS.Common.ResolvedBy", "Resolved By", Kind::Identity),
    kept("Microsoft.VSTS.Common.ClosedDate", "Closed Date", Kind::DateTime),
    kept("Microsoft.VSTS.Common.ClosedBy", "Closed By", Kind::Identity),
    open("Microsoft.VSTS.Common.Priority", "Priority", Kind::Integer),
    open("Microsoft.VSTS.Common.Severity", "Severity", Kind::Text),
    open("Microsoft.VSTS.Common.StackRank", "Stack Rank", Kind::Double),
    open("Microsoft.VSTS.Common.BacklogPriority", "Backlog Priority", Kind::Double),
    open("Microsoft.VSTS.Common.ValueArea", "Value Area", Kind::Text),
    open("Microsoft.VSTS.Common.Risk", "Risk", Kind::Text),
    open("Microsoft.VSTS.Common.Activity", "Activity", Kind::Text),
    open("Microsoft.VSTS.Common.AcceptanceCriteria", "Acceptance Criteria", Kind::Html),
    open("Microsoft.VSTS.Common.BusinessValue", "Business Value", Kind::Integer),
    open("Microsoft.VSTS.Common.TimeCriticality", "Time Criticality", Kind::Double),
    open("Microsoft.VSTS.Common.Resolution", "Resolution", Kind::Html),
    open("Microsoft.VSTS.Scheduling.StoryPoints", "Story Points", Kind::Double),
    open("Microsoft.VSTS.Scheduling.Effort", "Effort", Kind::Double),
    open("Microsoft.VSTS.Scheduling.RemainingWork", "Remaining Work", Kind::Double),
    open("Microsoft.VSTS.Scheduling.CompletedWork", "Completed Work", Kind::Double),
    open("Microsoft.VSTS.Scheduling.OriginalEstimate", "Original Estimate", Kind::Double),
    open("Microsoft.VSTS.Scheduling.StartDate", "Start Date", Kind::DateTime),
    open("Microsoft.VSTS.Scheduling.TargetDate", "Target Date", Kind::DateTime),
    open("Microsoft.VSTS.Scheduling.DueDate", "Due Date", Kind::DateTime),
    open("Microsoft.VSTS.CMMI.Blocked", "Blocked", Kind::Text),
    open("Microsoft.VSTS.TCM.ReproSteps", "Repro Steps", Kind::Html),
    open("Microsoft.VSTS.TCM.SystemInfo", "System Info", Kind::Html),
    open("Microsoft.VSTS.TCM.Steps", "Steps", Kind::Html),
    open("Microsoft.VSTS.Build.FoundIn", "Found In", Kind::Text),
    open("Microsoft.VSTS.Build.IntegrationBuild", "Integration Build", Kind::Text),
    open("Custom.CustomerTier", "Customer Tier", Kind::Text),
    open("Custom.Escalated", "Escalated", Kind::Boolean),
];
