namespace Presence.Fuzz;

/// <summary>Makes the input of a finding smaller as long as it shows the same.</summary>
internal static class Shrinking
{
    public static byte[] Shrink(byte[] input, Func<byte[], bool> showsTheSame)
    {
        for (int piece = Math.Max(1, input.Length / 2); piece > 0; piece /= 2)
        {
            for (int at = 0; at + piece <= input.Length;)
            {
                byte[] shorter = [.. input[..at], .. input[(at + piece)..]];
                if (showsTheSame(shorter))
                {
                    input = shorter;
                }
                else
                {
                    at += piece;
                }
            }
        }

        return input;
    }
}
