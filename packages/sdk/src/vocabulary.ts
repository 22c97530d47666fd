// Words that applications import by name, with the values that the vendor's SDK gives them.

/** Kinds of input fields. */
export const SidebarInputType = {
  Auth: "AUTH",
  Enum: "ENUM",
  DynamicEnum: "DYNAMIC_ENUM",
  Intent: "INTENT",
  Text: "TEXT",
  TextArea: "TEXTAREA",
  ValueText: "TEXT_NO_VARS",
  ValueTextArea: "TEXTAREA_NO_VARS",
  Code: "CODE",
  ActionButton: "ACTION_BUTTON",
  Conditional: "CONDITIONAL",
  CustomDropdown: "CUSTOM_DROPDOWN",
  DynamicConditional: "DYNAMIC_CONDITIONAL",
  NestedList: "NESTED_LIST",
  File: "FILE",
  EditableDynamicEnum: "EDITABLE_DYNAMIC_ENUM",
  EditableEnum: "EDITABLE_ENUM",
  BooleanInput: "BOOLEAN_INPUT",
  UserSuppliedCredential: "USER_SUPPLIED_CREDENTIAL",
  NativeDynamicEnumInput: "NATIVE_DYNAMIC_INPUT",
  TimeConstraintInput: "TIME_CONSTRAINT_INPUT",
  LinesListInput: "LinesListInput",
  LinesListDynamicInput: "LinesListDynamicInput",
  Number: "NUMBER",
  Email: "EMAIL",
  URL: "URL",
  EnumTextAreaPairInput: "EnumTextAreaPairInput",
  FieldMapper: "FIELD_MAPPER",
  ComboInput: "COMBO_INPUT",
  Password: "PASSWORD",
  Switch: "SWITCH",
  DynamicComboInput: "DYNAMIC_COMBO_INPUT",
  CopyableButtonInput: "COPYABLE_BUTTON_INPUT",
  Permission: "PERMISSION",
} as const;
export type SidebarInputType = (typeof SidebarInputType)[keyof typeof SidebarInputType];

/** Kinds of fields for variables. */
export const VariableInputType = {
  MultiSelect: "multi",
  String: "string",
  Dropdown: "dropdown",
  MultiSelectCheckbox: "multiCheckbox",
  Number: "number",
} as const;
export type VariableInputType = (typeof VariableInputType)[keyof typeof VariableInputType];

/** Where the choices of a field come from. */
export const DataSourceType = {
  DYNAMIC: "DYNAMIC_DATA_SOURCE",
  STATIC_ENUM: "STATIC_ENUM_DATA_SOURCE",
  FIELD_MAPPER: "FIELD_MAPPER_DATA_SOURCE",
  COMBO_INPUT: "COMBO_INPUT_DATA_SOURCE",
  DYNAMIC_COMBO_INPUT: "DYNAMIC_COMBO_INPUT_DATA_SOURCE",
} as const;
export type DataSourceType = (typeof DataSourceType)[keyof typeof DataSourceType];

/** Units of a delay. */
export const DelayUnit = {
  SECONDS: "SECONDS",
  MINUTES: "MINUTES",
  HOURS: "HOURS",
  DAYS: "DAYS",
} as const;
export type DelayUnit = (typeof DelayUnit)[keyof typeof DelayUnit];

/** How a trigger hears of news. */
export const TriggerModel = {
  POLLING: "POLLING",
  WEBHOOK: "WEBHOOK",
} as const;
export type TriggerModel = (typeof TriggerModel)[keyof typeof TriggerModel];

/** Types of values in workflows. */
export const DataType = {
  STRING: "STRING",
  NUMBER: "NUMBER",
  DATE: "DATE",
  BOOLEAN: "BOOLEAN",
  EMAIL: "EMAIL",
  OBJECT: "OBJECT",
  ARRAY: "ARRAY",
  ANY: "ANY",
  FILE: "FILE",
  NON_DECIMAL: "NON_DECIMAL",
} as const;
export type DataType = (typeof DataType)[keyof typeof DataType];

/** Operators of conditions. */
export const Operator = {
  None: "$none",
  StringContains: "$stringContains",
  StringDoesNotContain: "$stringDoesNotContain",
  StringExactlyMatches: "$stringExactlyMatches",
  StringDoesNotExactlyMatch: "$stringDoesNotExactlyMatch",
  StringIsIn: "$stringIsIn",
  StringIsNotIn: "$stringIsNotIn",
  StringStartsWith: "$stringStartsWith",
  StringDoesNotStartWith: "$stringDoesNotStartWith",
  StringEndsWith: "$stringEndsWith",
  StringDoesNotEndWith: "$stringDoesNotEndWith",
  NumberGreaterThan: "$numberGreaterThan",
  NumberLessThan: "$numberLessThan",
  NumberEquals: "$numberEquals",
  NumberDoesNotEqual: "$numberDoesNotEqual",
  NumberLessThanOrEqualTo: "$numberLessThanOrEqualTo",
  NumberGreaterThanOrEqualTo: "$numberGreaterThanOrEqualTo",
  DateTimeAfter: "$dateTimeAfter",
  DateTimeBefore: "$dateTimeBefore",
  DateTimeEquals: "$dateTimeEquals",
  BooleanTrue: "$booleanTrue",
  BooleanFalse: "$booleanFalse",
  IsNotNull: "$exists",
  IsNull: "$doesNotExist",
  Exists: "$isNotUndefinedOrNull",
  DoesNotExist: "$isUndefinedOrNull",
  ArrayIsIn: "$arrayIsIn",
  ArrayIsNotIn: "$arrayIsNotIn",
  ArrayIsEmpty: "$arrayIsEmpty",
  ArrayIsNotEmpty: "$arrayIsNotEmpty",
  StringGreaterThan: "$stringGreaterThan",
  StringLessThan: "$stringLessThan",
} as const;
export type Operator = (typeof Operator)[keyof typeof Operator];

/** What a field mapping's loader loads. */
export const DynamicFieldMappingLoaderType = {
  OBJECT_TYPES: "objectTypes",
  INTEGRATION_FIELDS: "integrationFields",
} as const;
export type DynamicFieldMappingLoaderType =
  (typeof DynamicFieldMappingLoaderType)[keyof typeof DynamicFieldMappingLoaderType];

/** Tabs of the Connect Portal. */
export const ModalView = {
  OVERVIEW: "overview",
  CONFIGURATION: "configuration",
} as const;
export type ModalView = (typeof ModalView)[keyof typeof ModalView];

/** Plans of the vendor. A Gangway has them all. */
export const BillingPlan = {
  ClassicFree: "free",
  ClassicStarter: "starter",
  ClassicBusiness: "business",
  ClassicPremium: "premium",
  ClassicEnterprise: "enterprise",
  ConnectTrial: "connect_trial",
  ConnectBasic: "basic",
  ConnectPro: "pro",
  ConnectEnterprise: "connect_enterprise",
} as const;
export type BillingPlan = (typeof BillingPlan)[keyof typeof BillingPlan];

/** Features that the vendor sells apart. A Gangway has them all. */
export const ConnectAddOn = {
  CustomIntegrationBuilder: "byo",
  DynamicFieldMapper: "dfm",
  HeadlessConnectPortal: "headless-cp",
  TaskHistoryAPI: "th-api",
  Monitoring: "monitoring",
  RoleBasedAccessControl: "rbac",
  UserMetadata: "user-metadata",
  WhiteLabeling: "whitelabel",
  WorkflowPermission: "workflow-permissions",
} as const;
export type ConnectAddOn = (typeof ConnectAddOn)[keyof typeof ConnectAddOn];

/** The vendor's build environments. */
export const NODE_ENV = {
  PRODUCTION: "production",
  DEVELOPMENT: "development",
  TEST: "test",
} as const;
export type NODE_ENV = (typeof NODE_ENV)[keyof typeof NODE_ENV];

/** The vendor's platforms. */
export const PLATFORM_ENV = {
  PRODUCTION: "production",
  PRODUCTION_MIRROR_1: "p-m1",
  STAGING: "staging",
  STAGING_MIRROR_1: "s-m1",
  DEVELOPMENT: "dev",
  TEST: "test",
  SANDBOX: "sandbox",
  RELEASE: "release",
  ENTERPRISE: "enterprise",
} as const;
export type PLATFORM_ENV = (typeof PLATFORM_ENV)[keyof typeof PLATFORM_ENV];

/** How far a document is loaded. */
export const DocumentLoadingState = {
  LOADING: "loading",
  INTERACTIVE: "interactive",
  COMPLETE: "complete",
} as const;
export type DocumentLoadingState = (typeof DocumentLoadingState)[keyof typeof DocumentLoadingState];

/** How far a file picker is loaded. */
export const FilePickerStatus = {
  LOADING: "loading",
  FAILED: "failed",
  LOADED: "loaded",
} as const;
export type FilePickerStatus = (typeof FilePickerStatus)[keyof typeof FilePickerStatus];

/** Names of the vendor's stored tokens. */
export const TokenType = {
  ACCESS_TOKEN: "ACCESS_TOKEN",
  REFRESH_TOKEN: "REFRESH_TOKEN",
  BOT_TOKEN: "BOT_TOKEN",
  KLAVIYO_API_KEY: "KLAVIYO_API_KEY",
  MARKETO_CLIENT_ID: "MARKETO_CLIENT_ID",
  MARKETO_CLIENT_SECRET: "MARKETO_CLIENT_SECRETI",
  MARKETO_ENDPOINT: "MARKETO_ENDPOINT",
  MARKETO_IDENTITY: "MARKETO_IDENTITY",
  MONDAY_API_TOKEN: "MONDAY_API_TOKEN",
  ORACLE_CLOUD_URL: "ORACLE_CLOUD_URL",
  ORACLE_PASSWORD: "ORACLE_PASSWORD",
  ORACLE_USERNAME: "ORACLE_USERNAME",
  SAGE_INTACCT_COMPANY_ID: "SAGE_INTACCT_COMPANY_ID",
  SAGE_INTACCT_USER_ID: "SAGE_INTACCT_USER_ID",
  SAGE_INTACCT_USER_PASSWORD: "SAGE_INTACCT_USER_PASSWORD",
  SAILTHRU_COMPANY_KEY: "SAILTHRU_COMPANY_KEY",
  SAILTHRU_COMPANY_SECRET: "SAILTHRU_COMPANY_SECRET",
  SERVICENOW_PASSWORD: "SERVICENOW_PASSWORD",
  SERVICENOW_SUBDOMAIN: "SERVICENOW_SUBDOMAIN",
  SERVICENOW_USERNAME: "SERVICENOW_USERNAME",
  TABLEAU_PERSONAL_ACCESS_TOKEN_NAME: "TABLEAU_PERSONAL_ACCESS_TOKEN_NAME",
  TABLEAU_PERSONAL_ACCESS_TOKEN_SECRET: "TABLEAU_PERSONAL_ACCESS_TOKEN_SECRET",
  TABLEAU_SERVER_NAME: "TABLEAU_SERVER_NAME",
  TABLEAU_SITE_ID: "TABLEAU_SITE_ID",
  TRELLO_API_KEY: "TRELLO_API_KEY",
  TRELLO_API_TOKEN: "TRELLO_API_TOKEN",
  WOOCOMMERCE_CONSUMER_KEY: "WOOCOMMERCE_CONSUMER_KEY",
  WOOCOMMERCE_CONSUMER_SECRET: "WOOCOMMERCE_CONSUMER_SECRET",
  WOOCOMMERCE_STORE_DOMAIN: "WOOCOMMERCE_STORE_DOMAIN",
  WORKABLE_API_ACCESS_TOKEN: "WORKABLE_API_ACCESS_TOKEN",
  WORKABLE_ACCOUNT_SUBDOMAIN: "WORKABLE_ACCOUNT_SUBDOMAIN",
  ZOHO_CRM_ACCOUNTS_SERVER: "ZOHO_CRM_ACCOUNTS_SERVER",
  ZOHO_CRM_API_DOMAIN: "ZOHO_CRM_API_DOMAIN",
} as const;
export type TokenType = (typeof TokenType)[keyof typeof TokenType];

/** File names of icons that differ from the integration's type. */
export const overrideActionAlias = {
  "monday.com": "monday",
  "wordpress.com": "wordpress",
} as const;

/** Integrations whose token the vendor hands to a page. */
export const AUTH_TOKEN_ALLOWED_INTEGRATIONS = {
  box: {
    accessTokenPath: "OAUTH_ACCESS_TOKEN",
  },
  googledrive: {
    accessTokenPath: "OAUTH_ACCESS_TOKEN",
  },
  onedrive: {
    accessTokenPath: "OAUTH_ACCESS_TOKEN",
    domain: "DOMAIN",
  },
  sharepoint: {
    accessTokenPath: "OAUTH_ACCESS_TOKEN",
  },
} as const;

/** Features by plan of the vendor. */
export const CONNECT_PLAN_FEATURE_MAP = {
  basic: [],
  pro: ["byo", "headless-cp", "monitoring", "user-metadata", "whitelabel"],
  connect_enterprise: [
    "byo",
    "dfm",
    "headless-cp",
    "th-api",
    "monitoring",
    "rbac",
    "user-metadata",
    "whitelabel",
    "workflow-permissions",
  ],
} as const;

/** Asks the proxy to tell JSON from other text by itself. */
export const INFER_CONTENT_TYPE_FROM_CONNECT_OPTIONS = "auto";
export const SDK_VERSION_HEADER = "X-Paragon-SDK-Version";
export const SELECTED_CREDENTIAL_ID_HEADER = "X-Paragon-Credential";
export const SELECTED_CREDENTIAL_CONFIG_ID_HEADER = "X-Paragon-Configuration-Id";
