package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"text/tabwriter"
)

type userCommand struct {
	Add    userAddCommand    `cmd:"" help:"Make an account; its password is shown once."`
	Passwd userPasswdCommand `cmd:"" help:"Give an account a new password."`
	Leave  userLeaveCommand  `cmd:"" help:"Mark an account as gone: it signs in no more and receives no more."`
	List   userListCommand   `cmd:"" help:"List the accounts."`
}

// person is an account as the API has it.
type person struct {
	Name     string   `json:"name"`
	FullName string   `json:"full_name"`
	Email    string   `json:"email"`
	Roles    []string `json:"roles"`
	Locale   string   `json:"locale"`
	TimeZone string   `json:"time_zone"`
	Gone     bool     `json:"gone,omitempty"`
	Password string   `json:"password,omitempty"`
}

// admin is the client of somebody who keeps the accounts.
func (s server) admin() (*client, error) {
	cl, err := s.client()
	if err == nil && cl.as == "" && cl.run.Demo {
		cl.as = cl.run.Admin
	}
	return cl, err
}

type userAddCommand struct {
	server
	Name         string   `arg:"" help:"Sign-in name, in lower case."`
	FullName     string   `help:"Name as people write it." required:""`
	Email        string   `help:"Where the reports go." required:""`
	Roles        []string `help:"requester, approver, author, operator, admin." default:"requester"`
	Locale       string   `help:"tr or en." default:"en" enum:"tr,en"`
	TimeZone     string   `help:"IANA name." default:"UTC"`
	PasswordFile string   `help:"File with the password; without it a random one is made." type:"existingfile" placeholder:"FILE"`
}

func (c *userAddCommand) Run(ctx context.Context, out output) error {
	password, err := readPassword(c.PasswordFile)
	if err != nil {
		return err
	}
	in := person{
		Name: c.Name, FullName: c.FullName, Email: c.Email, Roles: c.Roles,
		Locale: c.Locale, TimeZone: c.TimeZone, Password: password,
	}
	return c.post(ctx, out, "/accounts", in)
}

// readPassword reads a password from a file: never from the command line, which
// others on the machine can read.
func readPassword(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("read the password: %w", err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}

// post changes an account and prints it, with a password made just now.
func (s server) post(ctx context.Context, out output, path string, in any) error {
	cl, err := s.admin()
	if err != nil {
		return err
	}
	var p person
	if err := cl.call(ctx, http.MethodPost, path, in, &p); err != nil {
		return err
	}
	if s.JSON {
		return printJSON(out, p)
	}
	fmt.Fprintf(out, "%s  %s\n", p.Name, p.FullName)
	if p.Password != "" {
		fmt.Fprintf(out, "password, shown once: %s\n", p.Password)
	}
	return nil
}

type userPasswdCommand struct {
	server
	Name         string `arg:"" help:"The account."`
	PasswordFile string `help:"File with the password; without it a random one is made." type:"existingfile" placeholder:"FILE"`
}

func (c *userPasswdCommand) Run(ctx context.Context, out output) error {
	password, err := readPassword(c.PasswordFile)
	if err != nil {
		return err
	}
	return c.post(ctx, out, "/accounts/"+url.PathEscape(c.Name)+"/password", map[string]string{"password": password})
}

type userLeaveCommand struct {
	server
	Name string `arg:"" help:"The account."`
}

func (c *userLeaveCommand) Run(ctx context.Context, out output) error {
	return c.post(ctx, out, "/accounts/"+url.PathEscape(c.Name)+"/leave", nil)
}

type userListCommand struct{ server }

func (c *userListCommand) Run(ctx context.Context, out output) error {
	cl, err := c.admin()
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := cl.call(ctx, http.MethodGet, "/accounts", nil, &raw); err != nil {
		return err
	}
	if c.JSON {
		return printJSON(out, raw)
	}
	var list struct{ Accounts []person }
	if err := json.Unmarshal(raw, &list); err != nil {
		return fmt.Errorf("read the accounts: %w", err)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, p := range list.Accounts {
		gone := ""
		if p.Gone {
			gone = "gone"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", p.Name, p.FullName, p.Email, strings.Join(p.Roles, ","), gone)
	}
	return w.Flush()
}
