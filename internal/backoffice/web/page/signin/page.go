// Package signin is the page that lets people in.
package signin

// Page is the sign-in form.
type Page struct {
	Name    string // as typed
	Next    string // where to go afterwards, a path of ours
	Problem string
	Others  []Language
	Demo    []DemoAccount
}

// Language is another language the page can be read in.
type Language struct{ Tag, Name string }

// DemoAccount is an account of the sample data, offered for one-click filling.
type DemoAccount struct {
	Name, FullName, Password string
	Role                     string // in words
}
