using Oktsec.Core.Identity;

namespace Oktsec.Identity;

/// <summary>What a request says of who sent it.</summary>
/// <param name="Principal">Who it is; <see cref="Principal.Anonymous"/> when nothing counts.</param>
/// <param name="Unclear">Why it cannot be read, or null.</param>
/// <param name="Unproven">Why it is not proven although it has to be, or null.</param>
internal readonly record struct Caller(Principal Principal, string? Unclear = null, string? Unproven = null);
