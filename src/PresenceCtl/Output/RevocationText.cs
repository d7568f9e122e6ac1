using Presence.Admin.V1;

namespace Presence.Ctl.Output;

/// <summary>A revocation as a line.</summary>
internal static class RevocationText
{
    public static string Line(Revocation revocation)
    {
        string concerns = revocation switch
        {
            { TokenId.Length: > 0 } => "one token",
            { UserId: > 0, IssuedBeforeMs: 0 } => $"all tokens of user {revocation.UserId}",
            { UserId: > 0 } => $"tokens of user {revocation.UserId} issued before {Times.Of(revocation.IssuedBeforeMs)}",
            _ => $"all tokens issued before {Times.Of(revocation.IssuedBeforeMs)}",
        };
        string expires = revocation.ExpiresAtMs == 0 ? "" : $", forgotten {Times.Of(revocation.ExpiresAtMs)}";
        return $"{revocation.Key}  {concerns}{expires}";
    }
}
