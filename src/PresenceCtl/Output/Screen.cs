using Spectre.Console;

namespace Presence.Ctl.Output;

/// <summary>Tables for people. What clients chose (texts, device ids) is escaped and cannot reach the terminal as markup or control codes.</summary>
internal static class Screen
{
    public static Table NewTable(params string[] columns)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string column in columns)
        {
            table.AddColumn(new TableColumn(new Text(Clean(column), new Style(decoration: Decoration.Bold))));
        }

        return table;
    }

    public static void Write(Table table)
    {
        // In a file or a pipe there is no width to wrap at.
        if (!AnsiConsole.Profile.Out.IsTerminal)
        {
            AnsiConsole.Profile.Width = 240;
        }

        AnsiConsole.Write(table);
    }

    /// <summary>Without control characters.</summary>
    public static string Clean(string text) => string.Concat(text.Select(static c => char.IsControl(c) ? '\uFFFD' : c));
}
