//! Emulator of Microsoft Entra ID and Azure DevOps.
