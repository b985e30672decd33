using System.Runtime.Versioning;

// File modes, signals and process groups are tested where they exist.
[assembly: UnsupportedOSPlatform("windows")]
